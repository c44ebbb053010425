namespace Freehold.Integrations.AspNetCore;

/// <summary>A response's body that has something done before the first byte: before caches in front look at the headers.</summary>
internal sealed class WatchedBody(Stream inner, Action starting) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => inner.CanWrite;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush() => Started().Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => Started().FlushAsync(cancellationToken);

    public override void Write(byte[] buffer, int offset, int count) => Started().Write(buffer, offset, count);

    public override void Write(ReadOnlySpan<byte> buffer) => Started().Write(buffer);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        Started().WriteAsync(buffer, cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private Stream Started()
    {
        starting();
        return inner;
    }
}
