using System.Globalization;

namespace Reco.Scoring.Hosting;

/// <summary>Reads the query of a request; what cannot be read is the caller's error, and the message names it.</summary>
internal static class QueryString
{
    private const int LongestId = 256;

    /// <summary>An ID, or null.</summary>
    public static string? OptionalId(this HttpRequest request, string name)
    {
        var values = request.Query[name];
        return values.Count switch
        {
            0 => null,
            > 1 => throw Bad($"parameter {name} is given {values.Count} times"),
            _ => CheckId(name, values[0]),
        };
    }

    /// <summary>IDs between commas.</summary>
    public static IReadOnlyList<string> Ids(this HttpRequest request, string name, int most)
    {
        if (request.Query[name] is not [{ Length: > 0 } text])
        {
            return request.Query[name].Count > 1 ? throw Bad($"parameter {name} is given more than once; put commas between the IDs") : [];
        }

        var ids = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return ids.Length > most ? throw Bad($"parameter {name} has {ids.Length} IDs; at most {most} are taken") : Array.ConvertAll(ids, id => CheckId(name, id));
    }

    /// <summary>An integer in a range.</summary>
    public static int Integer(this HttpRequest request, string name, int fallback, int least, int most)
    {
        if (request.Query[name] is not [{ } text])
        {
            return request.Query[name].Count == 0 ? fallback : throw Bad($"parameter {name} is given more than once");
        }

        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : throw Bad(string.Create(CultureInfo.InvariantCulture, $"{name} must be an integer from {least} to {most}"));
    }

    /// <summary>A number in a range.</summary>
    public static double Number(this HttpRequest request, string name, double fallback, double least, double most)
    {
        if (request.Query[name] is not [{ } text])
        {
            return request.Query[name].Count == 0 ? fallback : throw Bad($"parameter {name} is given more than once");
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : throw Bad(string.Create(CultureInfo.InvariantCulture, $"{name} must be a number from {least} to {most}"));
    }

    /// <summary>A text, or null.</summary>
    public static string? OptionalText(this HttpRequest request, string name) =>
        request.Query[name] is { Count: <= 1 } values ? values : throw Bad($"parameter {name} is given more than once");

    /// <summary>true or false.</summary>
    public static bool Flag(this HttpRequest request, string name, bool fallback) => request.Query[name] switch
    {
        [] => fallback,
        ["true" or "1"] => true,
        ["false" or "0"] => false,
        _ => throw Bad($"{name} must be true or false"),
    };

    private static string CheckId(string name, string? id) => id switch
    {
        null or "" => throw Bad($"parameter {name} is empty"),
        { Length: > LongestId } => throw Bad($"parameter {name} is longer than {LongestId} characters"),
        _ => id,
    };

    private static ApiException Bad(string message) => new(StatusCodes.Status400BadRequest, message);
}
