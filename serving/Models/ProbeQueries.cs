using Reco.Scoring.Hosting;
using Reco.Scoring.Search;

namespace Reco.Scoring.Models;

/// <summary>Queries like those of callers, by which the recall of approximate indices is measured.</summary>
internal static class ProbeQueries
{
    private const int Sample = 64;

    /// <summary>For the items' own index: vectors of users from the whole directory and of nobody known, and items for likeness.</summary>
    public static GrowthTask OfUsers(ServedModel model) => new()
    {
        Model = model.Name,
        Version = model.Version,
        What = "items",
        Queries = () => Users(model),
        Weights = () => model.InverseNorms,
        WeightedQueries = () => [.. Places(model.Items.Count).Select(item => Item(model, item))],
        Graph = GraphOf(model, model.Manifest.Variants[model.Precision].Items),
    };

    /// <summary>For search by text: names of items.</summary>
    public static GrowthTask OfTexts(ServedModel model, HybridSearch search) => new()
    {
        Model = model.Name,
        Version = model.Version,
        What = "texts",
        Queries = () => [.. Places(model.Items.Count).Select(item => search.Embed(model.Items.Name(item))).OfType<float[]>()],
        Graph = GraphOf(model, model.Manifest.Search!.Items),
    };

    private static float[] Item(ServedModel model, int item)
    {
        var vector = new float[model.Index.Dimension];
        model.Index.CopyVector(item, vector);
        Likeness.Make(vector, model.HasBias);
        return vector;
    }

    private static float[][] Users(ServedModel model)
    {
        var history = new long[model.Tower.History];
        return [.. Places(model.Users.Count).Prepend(-1).Select(user =>
        {
            history.AsSpan().Clear();
            if (user >= 0)
            {
                model.Users.WriteHistory(user, history);
            }

            var vector = new float[model.Tower.Dimension];
            model.Tower.Embed(new[] { user + 1L }, history, vector);
            return vector;
        })];
    }

    /// <summary>Places from all over a list.</summary>
    private static IEnumerable<int> Places(int count) => Enumerable.Range(0, Math.Min(Sample, count)).Select(place => (int)((long)place * count / Sample)).Distinct();

    private static string? GraphOf(ServedModel model, string matrix) =>
        model.Manifest.Indices.FirstOrDefault(index => index.Kind == IndexCommand.Kind && index.Matrix == matrix) is { } found ? Path.Combine(model.Folder, found.File) : null;
}
