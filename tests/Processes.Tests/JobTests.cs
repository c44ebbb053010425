using System.Collections.Concurrent;
using Freehold.Contracts;
using Freehold.Shared;

namespace Freehold.Processes.Tests;

[Boundary("Hangfire", "fire-and-forget", "two processes, PostgreSQL")]
public sealed class EnqueueTests() : JobContract("fire-and-forget");

[Boundary("Hangfire", "fire-and-forget", "two processes, PostgreSQL, signed")]
public sealed class SignedEnqueueTests() : JobContract("fire-and-forget", sign: true);

[Boundary("Hangfire", "delayed", "two processes, PostgreSQL")]
public sealed class ScheduleTests() : JobContract("delayed");

[Boundary("Hangfire", "continuation", "two processes, PostgreSQL")]
public sealed class ContinuationTests() : JobContract("continuation");

public abstract class JobContract(string way, bool sign = false) : TwoProcessContract(way, sign)
{
    // A class's tests run one after the other, and making the tables takes its time.
    private static readonly ConcurrentDictionary<Type, Lazy<Task<string>>> Databases = new();

    protected override Task<string> OpenCarrierAsync() => Databases.GetOrAdd(GetType(), _ => new(CreateAsync)).Value;

    private static async Task<string> CreateAsync() => await (await PostgresServer.GetAsync()).CreateDatabaseAsync() + ";Maximum Pool Size=40";
}
