using System.CommandLine;

namespace Reco.Engine.Cli;

/// <summary>Options that environment variables give, as CI jobs set them: <c>PULUMI_OPTION_NAME</c> for every option, and a
/// few older names. What stands on the command line counts more.</summary>
internal static class EnvironmentOptions
{
    private static readonly Dictionary<string, string> Named = new(StringComparer.Ordinal)
    {
        ["--yes"] = "PULUMI_SKIP_CONFIRMATIONS",
        ["--continue-on-error"] = "PULUMI_CONTINUE_ON_ERROR",
        ["--run-program"] = "PULUMI_RUN_PROGRAM",
        ["--parallel"] = "PULUMI_PARALLEL",
    };

    /// <summary>What the environment adds to a command line.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="environment">Reads a variable.</param>
    public static string[] Of(ParseResult parsed, Func<string, string?> environment)
    {
        var added = new List<string>();
        var own = parsed.CommandResult.Command;
        var above = Above(own).SelectMany(command => command.Options.Where(option => option.Recursive));
        foreach (var option in own.Options.Concat(above).Where(option => parsed.GetResult(option) is null or { Implicit: true }))
        {
            var general = $"PULUMI_OPTION_{option.Name.TrimStart('-').Replace('-', '_').ToUpperInvariant()}";
            var value = environment(general) is { Length: > 0 } given ? given
                : Named.TryGetValue(option.Name, out var name) && environment(name) is { Length: > 0 } older ? older
                : null;
            if (value is null)
            {
                continue;
            }

            if (option.ValueType == typeof(bool))
            {
                // As with the official CLI, what is neither true nor false says nothing.
                added.AddRange(value.ToUpperInvariant() switch { "TRUE" or "1" => [option.Name], "FALSE" or "0" => [$"{option.Name}=false"], _ => (string[])[] });
            }
            else
            {
                added.AddRange((option.ValueType.IsArray ? value.Split(',') : [value]).Select(item => $"{option.Name}={item}"));
            }
        }

        return [.. added];
    }

    private static IEnumerable<Command> Above(Command command)
    {
        for (var at = command.Parents.OfType<Command>().FirstOrDefault(); at is not null; at = at.Parents.OfType<Command>().FirstOrDefault())
        {
            yield return at;
        }
    }
}
