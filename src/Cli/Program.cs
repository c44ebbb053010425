using Freehold.Cli.Loading;

return await (ToolLoadContext.IsNeeded(args) ? ToolLoadContext.EnterAsync(args) : Freehold.Cli.Entry.RunAsync(args)).ConfigureAwait(false);
