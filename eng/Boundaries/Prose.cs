namespace Freehold.Boundaries;

/// <summary>What people wrote.</summary>
internal static class Prose
{
    public const string Head =
        """
        # Boundaries

        <!-- Written by ./test --boundaries from the report of a run of all tests. Not by hand: ./test fails when it is stale. -->

        Every way over every boundary is tested by one contract, `tests/Contracts/TenantPropagationContract`, which the tests of each
        adapter inherit. A cell below is a class of tests; its numbers are those of the run that this page was written from.

        ## The statements


        """;

    public const string Guarantees =
        """
        All of them are tested with twenty tenants at work at once and with every worker having had another tenant before. In the cells that
        say "two processes", near and far side are processes of their own, with a real broker or database between them.

        """;
}
