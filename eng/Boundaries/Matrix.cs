namespace Freehold.Boundaries;

/// <summary>The hosts and the ways over their boundaries that have to be there; a way without tests shows as an empty cell.</summary>
internal static class Matrix
{
    private static readonly string[] Carriers = ["", "HTTP", "in memory", "RabbitMQ", "PostgreSQL", "two processes, RabbitMQ", "two processes, PostgreSQL"];

    public static readonly MatrixHost[] Hosts =
    [
        new(
            "ASP.NET Core",
            "The tenant is found before the endpoint runs, and refused with problem details. A hub keeps the tenant it connected for.",
            ["minimal API", "MVC", "SignalR hub", "outgoing HttpClient"]),
        new(
            "MediatR",
            "In process: the mediator enters the tenant that a request declares, in a scope of its own, and leaves it afterwards.",
            ["request", "void request", "stream", "notification", "nested request"]),
        new(
            "MassTransit",
            "The tenant is a header of the message. A refusal takes one attempt, whatever retries are configured, and the message is in the error queue. " +
            "RabbitMQ delivers at least once: a consumer that died before it acknowledged sees its message again, with the same tenant.",
            [
                "publish", "send", "request/response", "batch consumer", "saga state machine", "Courier execute", "Courier compensate", "scheduled message",
                "immediate retry", "delayed retry", "redelivery", "fault consumer", "in-memory outbox", "job consumer", "mediator",
            ]),
        new(
            "Hangfire",
            "The tenant is a parameter of the job. A refused job is in the state Failed, is not retried, and can be requeued by hand. " +
            "Hangfire runs a job at least once: one whose server died is fetched again, with the same tenant.",
            ["fire-and-forget", "delayed", "continuation", "recurring, per tenant", "recurring, fanned out", "retry", "manual requeue"]),
        new(
            "HotChocolate",
            "The tenant is that of the HTTP request or of the socket, and is fixed before anything of the operation is looked at. A refusal is an error with its code; " +
            "a socket is closed with it. Each event of a subscription is admitted again. Where the package feed lacks HotChocolate these tests are left out, and the rows " +
            "below stay those of the last run that had it.",
            ["query", "mutation", "DataLoader", "subscription", "batch"]),
        new(
            "Core",
            "Work that no host started: it is entered for a tenant by name, admitted like any request.",
            ["Task.Run", "channel", "hosted service", "timer"]),
    ];

    /// <summary>Where a carrier comes in the table; those that are not known come last.</summary>
    public static int OrderOf(string carrier) => Array.IndexOf(Carriers, carrier) is var index and >= 0 ? index : Carriers.Length;
}

/// <summary>A host, what is guaranteed at its boundary, and the ways over it.</summary>
internal sealed record MatrixHost(string Name, string Prose, IReadOnlyList<string> Ways);
