namespace Freehold.Shared;

/// <summary>A server is neither given, nor installed, nor to be had as a container; the message says what to do.</summary>
public sealed class ServerMissingException(string message, Exception? innerException = null) : Exception(message, innerException);
