using System.CommandLine;
using System.Text.Json.Nodes;
using Reco.Engine.Display;
using Reco.Engine.State;
using Reco.Engine.Values;

namespace Reco.Engine.Cli;

/// <summary><c>stack output</c>: what a stack hands to others.</summary>
internal sealed class StackOutputCommand(CliContext context)
{
    private readonly Argument<string?> name = new("property-name") { Arity = ArgumentArity.ZeroOrOne, Description = "One output." };
    private readonly Option<bool> json = new("--json", "-j") { Description = "Print JSON." };
    private readonly Option<bool> shell = new("--shell") { Description = "Print assignments for a shell." };
    private readonly Option<bool> showSecrets = new("--show-secrets") { Description = "Show secrets in plain text." };

    /// <summary>The command.</summary>
    public Command Build()
    {
        var command = new Command("output", "Print the outputs of a stack.") { name, json, shell, showSecrets };
        command.SetAction(Run);
        return command;
    }

    private void Run(ParseResult parsed)
    {
        if (parsed.GetValue(json) && parsed.GetValue(shell))
        {
            throw new EngineException("only one of --json and --shell may be given", 2);
        }

        using var session = context.OpenStack();
        var outputs = StackOutputs.Of(session.LoadSnapshot());
        var show = parsed.GetValue(showSecrets);
        var one = parsed.GetValue(name);
        if (one is not null && !outputs.ContainsKey(one))
        {
            throw new EngineException($"stack '{session.Name.Stack}' has no output '{one}'; it has: {(outputs.Count == 0 ? "none" : string.Join(", ", outputs.Keys))}", 1);
        }

        if (parsed.GetValue(json))
        {
            context.Output.WriteLine(CliJson.Text(one is null ? Json(outputs, show) : Json(outputs[one], show)));
        }
        else if (parsed.GetValue(shell))
        {
            foreach (var key in one is null ? outputs.Keys : [one])
            {
                context.Output.Write($"{key}={Quote(Text(outputs[key], show))}\n");
            }
        }
        else if (one is not null)
        {
            context.Output.WriteLine(Text(outputs[one], show));
        }
        else
        {
            Print(context.Output, outputs, show);
        }
    }

    /// <summary>Prints outputs as a table.</summary>
    public static void Print(TextWriter output, PropertyMap outputs, bool show)
    {
        output.WriteLine($"Current stack outputs ({outputs.Count}):");
        if (outputs.Count == 0)
        {
            output.WriteLine("    No output values currently in this stack");
            return;
        }

        var width = Math.Max("OUTPUT".Length, outputs.Keys.Max(key => key.Length)) + 2;
        output.WriteLine($"    {"OUTPUT".PadRight(width)}VALUE");
        foreach (var (key, value) in outputs)
        {
            output.WriteLine($"    {key.PadRight(width)}{Text(value, show)}");
        }
    }

    /// <summary>Outputs as JSON.</summary>
    public static JsonObject Json(PropertyMap outputs, bool show) => new(outputs.Select(pair => KeyValuePair.Create(pair.Key, Json(pair.Value, show))));

    private static JsonNode? Json(PropertyValue value, bool show) => value switch
    {
        PropertyValue.SecretValue secret => show ? Json(secret.Element, show) : PropertyText.Secret,
        PropertyValue.ListValue list => new JsonArray([.. list.Items.Select(item => Json(item, show))]),
        PropertyValue.MapValue map => Json(map.Map, show),
        _ => new StateValueCodec(null, null).Encode(value),
    };

    // As people and shells want it: strings as they are, the rest as JSON.
    private static string Text(PropertyValue value, bool show) => value switch
    {
        PropertyValue.SecretValue secret => show ? Text(secret.Element, show) : PropertyText.Secret,
        PropertyValue.StringValue text => text.Value,
        _ => CliJson.Line(Json(value, show)),
    };

    private static string Quote(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || "_-./:@%+=,".Contains(c)) ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
