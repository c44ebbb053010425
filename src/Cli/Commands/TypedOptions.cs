using System.CommandLine;
using System.Globalization;

namespace Freehold.Cli.Commands;

/// <summary>Options whose values are checked, with a sentence where one cannot be used.</summary>
internal static class TypedOptions
{
    /// <summary>A whole number of at least <paramref name="min"/>.</summary>
    public static Option<int?> Number(string name, int min, string description) => new(name)
    {
        Description = description,
        HelpName = "number",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min)
            {
                return number;
            }

            result.AddError($"{name} {text}: it must be a whole number, {min} or more.");
            return null;
        },
    };

    /// <summary>An option that can be given several times, with one value each time.</summary>
    public static Option<string[]> Several(string name, string value, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = value, Arity = ArgumentArity.OneOrMore };

    public static Option<string?> Text(string name, string value, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = value };

    public static Option<bool> Flag(string name, string description, params string[] aliases) => new(name, aliases) { Description = description };

    /// <summary>A value of an enum, by its name in any case.</summary>
    public static Option<string?> OneOf(string name, string value, string description, params string[] values)
    {
        var option = Text(name, value, $"{description} ({string.Join(", ", values)})");
        option.CompletionSources.Add(values);
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !values.Contains(token.Value, StringComparer.OrdinalIgnoreCase)))
            {
                result.AddError($"{name} {token.Value}: it must be one of {string.Join(", ", values)}.");
            }
        });
        return option;
    }
}
