namespace Freehold.Shared;

/// <summary>A virtual host of its own, and who may use it.</summary>
/// <param name="Host">Where the broker listens.</param>
/// <param name="Port">Its AMQP port.</param>
/// <param name="Name">The virtual host.</param>
/// <param name="User">Who may configure, write and read there.</param>
/// <param name="Password">The user's password.</param>
public sealed record RabbitVirtualHost(string Host, ushort Port, string Name, string User, string Password)
{
    /// <summary>All of it in one: <c>amqp://user:password@host:port/name</c>.</summary>
    public Uri Uri => new($"amqp://{System.Uri.EscapeDataString(User)}:{System.Uri.EscapeDataString(Password)}@{Host}:{Port}/{Name}");

    /// <summary>Names no password.</summary>
    public override string ToString() => $"{Host}:{Port}/{Name}";
}
