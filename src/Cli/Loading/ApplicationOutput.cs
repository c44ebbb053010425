using System.Text;

namespace Freehold.Cli.Loading;

/// <summary>
/// Where what the application prints goes, its log included: to standard error, if everything is to be seen; else it is kept until the host is built, because it may say
/// why it is not, and then nowhere. It is never among the tool's results.
/// </summary>
internal sealed class ApplicationOutput : TextWriter
{
    private readonly TextWriter? _shown;
    private readonly StringBuilder _kept = new();
    private bool _isForgotten;

    private ApplicationOutput(TextWriter? shown) => _shown = shown;

    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>What was kept.</summary>
    public string Text
    {
        get
        {
            lock (_kept)
            {
                return _kept.ToString();
            }
        }
    }

    /// <summary>Takes the place of both standard streams for everybody who asks from now on.</summary>
    public static ApplicationOutput Take(bool isShown)
    {
        var output = new ApplicationOutput(isShown ? Console.Error : null);
        Console.SetOut(output);
        Console.SetError(output);
        return output;
    }

    public void Forget()
    {
        lock (_kept)
        {
            (_isForgotten, _) = (true, _kept.Clear());
        }
    }

    public override void Write(char value) => Write([value]);

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(ReadOnlySpan<char> buffer)
    {
        _shown?.Write(buffer);
        lock (_kept)
        {
            if (_shown is null && !_isForgotten)
            {
                _kept.Append(buffer);
            }
        }
    }
}
