namespace Freehold.Operations.Migrating;

/// <summary>What a transaction in a place is about.</summary>
/// <param name="Schema">The place.</param>
internal sealed record PlaceOfWork(string Schema)
{
    /// <summary>What makes unqualified names mean its tables, and whatever else ends with the transaction. None where the session is the place's already.</summary>
    public IReadOnlyList<(string Name, string Value)> Settings { get; init; } = [];

    /// <summary>Its lock, where the transaction is to hold it; null where somebody holds it already.</summary>
    public long? Key { get; init; }

    /// <summary>What makes it; null where it is there.</summary>
    public PlaceCreation? Creation { get; init; }
}

/// <summary>What makes a place in the transaction that fills it.</summary>
/// <param name="Hindrances">Conditions, one of which says that this is not enough, or that the place is there.</param>
/// <param name="Sql">The statements.</param>
internal sealed record PlaceCreation(IReadOnlyList<string> Hindrances, string Sql);

/// <summary>How it went to do all in one transaction.</summary>
internal enum AtOnce
{
    /// <summary>That cannot be, or something was not as expected, or failed. Nothing was done.</summary>
    NotDone,

    /// <summary>It was done, and its session is as before.</summary>
    Done,

    /// <summary>It was done, and its session has to forget something.</summary>
    DoneWithTraces,
}
