namespace Shop;

/// <summary>What the blocks call their application.</summary>
public sealed class Program;
