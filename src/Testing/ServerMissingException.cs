namespace Freehold;

/// <summary>A server is neither given, nor installed, nor to be had as a container; the message says what to do.</summary>
public sealed class ServerMissingException : Exception
{
    /// <summary>With a sentence that names the server and the remedy.</summary>
    public ServerMissingException(string message, Exception? innerException = null) : base(message, innerException)
    {
    }
}
