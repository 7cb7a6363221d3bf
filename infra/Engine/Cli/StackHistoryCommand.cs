using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Reco.Engine.Workspace;

namespace Reco.Engine.Cli;

/// <summary><c>stack history</c>: the updates of a stack, the newest first.</summary>
internal sealed class StackHistoryCommand(CliContext context)
{
    private readonly Option<bool> json = new("--json", "-j") { Description = "Print JSON." };
    private readonly Option<bool> showSecrets = new("--show-secrets") { Description = "Show secret configuration values." };
    private readonly Option<bool> fullDates = new("--full-dates") { Description = "Dates and times instead of how long ago." };
    private readonly Option<int> pageSize = new("--page-size") { Description = "Updates a page.", DefaultValueFactory = _ => 10 };
    private readonly Option<int> page = new("--page") { Description = "Which page, from 1.", DefaultValueFactory = _ => 1 };

    /// <summary>The command.</summary>
    public Command Build()
    {
        var command = new Command("history", "List the updates of a stack.") { json, showSecrets, fullDates, pageSize, page };
        command.Aliases.Add("hist");
        command.SetAction(Run);
        return command;
    }

    private void Run(ParseResult parsed)
    {
        using var session = context.OpenStack();
        var updates = session.Backend.History(session.Name);
        var numbered = updates.Select((update, index) => (Update: update, Version: updates.Count - index));
        if (parsed.GetValue(pageSize) is > 0 and var size)
        {
            numbered = numbered.Skip((Math.Max(1, parsed.GetValue(page)) - 1) * size).Take(size);
        }

        var shown = numbered.ToList();
        if (parsed.GetValue(json))
        {
            context.Output.WriteLine(CliJson.Text(new JsonArray([.. shown.Select(entry => Describe(entry.Update, entry.Version, parsed.GetValue(showSecrets) ? session : null))])));
        }
        else if (shown.Count == 0)
        {
            context.Output.WriteLine(updates.Count == 0 ? "Stack has never been updated" : $"No stack updates found on page '{parsed.GetValue(page)}'");
        }
        else
        {
            foreach (var (update, version) in shown)
            {
                Print(update, version, parsed.GetValue(fullDates));
            }
        }
    }

    private static JsonObject Describe(JsonObject update, int version, StackSession? revealing)
    {
        var entry = new JsonObject
        {
            ["version"] = version,
            ["kind"] = update["kind"]?.DeepClone(),
            ["startTime"] = Time(update, "startTime"),
            ["message"] = update["message"]?.DeepClone() ?? "",
            ["environment"] = update["environment"]?.DeepClone() ?? new JsonObject(),
            ["config"] = new JsonObject((update["config"] as JsonObject ?? []).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)Value(pair.Value, revealing)))),
            ["result"] = update["result"]?.DeepClone(),
        };
        if (update["result"]?.GetValue<string>() != "in-progress")
        {
            entry["endTime"] = Time(update, "endTime");
            entry["resourceChanges"] = update["resourceChanges"]?.DeepClone() ?? new JsonObject();
        }

        return entry;
    }

    // In the file a value stands as in the configuration: text, an object, or {secure: CIPHERTEXT}.
    private static JsonObject Value(JsonNode? value, StackSession? revealing)
    {
        if (value is not JsonObject and not JsonArray)
        {
            return new JsonObject { ["value"] = value?.ToString() ?? "", ["secret"] = false };
        }

        if (!StackConfiguration.HasSecret(value))
        {
            return new JsonObject { ["value"] = CliJson.Line(value), ["objectValue"] = value.DeepClone(), ["secret"] = false };
        }

        if (revealing is null)
        {
            return new JsonObject { ["secret"] = true };
        }

        if (value is JsonObject { Count: 1 } map && map["secure"] is JsonValue sealedText)
        {
            return new JsonObject { ["value"] = revealing.Secrets.Decrypt(sealedText.GetValue<string>()), ["secret"] = true };
        }

        var plain = StackConfiguration.Reveal(value, revealing.Secrets.Decrypt)!;
        return new JsonObject { ["value"] = CliJson.Line(plain), ["objectValue"] = plain, ["secret"] = true };
    }

    private void Print(JsonObject update, int version, bool fullDates)
    {
        var began = Moment(update, "startTime");
        var changes = string.Join(", ", (update["resourceChanges"] as JsonObject ?? []).Select(change => $"{change.Value} {change.Key}"));
        var when = fullDates ? began.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture) : Ago(context.Time.GetUtcNow() - began);
        context.Output.WriteLine($"Version: {version}");
        context.Output.WriteLine($"UpdateKind: {update["kind"]}");
        context.Output.WriteLine($"Status: {update["result"]}");
        context.Output.WriteLine($"Message: {update["message"]}");
        context.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(changes.Length == 0 ? "no changes" : changes)}; updated {when}, took {(Moment(update, "endTime") - began).TotalSeconds:0} s"));
        foreach (var (name, value) in (update["environment"] as JsonObject ?? []).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            context.Output.WriteLine($"    {name}: {value}");
        }

        context.Output.WriteLine();
    }

    private static string Ago(TimeSpan span) => span switch
    {
        { TotalSeconds: < 60 } => "just now",
        { TotalMinutes: < 60 } => Count(span.TotalMinutes, "minute"),
        { TotalHours: < 24 } => Count(span.TotalHours, "hour"),
        _ => Count(span.TotalDays, "day"),
    };

    private static string Count(double number, string unit) => string.Create(CultureInfo.InvariantCulture, $"{(int)number} {unit}{((int)number == 1 ? "" : "s")} ago");

    private static DateTimeOffset Moment(JsonObject update, string name) => DateTimeOffset.FromUnixTimeSeconds(update[name]?.GetValue<long>() ?? 0);

    private static string Time(JsonObject update, string name) => CliJson.Time(Moment(update, name));
}
