using System.Diagnostics;
using Reco.Bundle;
using Reco.Scoring.Models;
using Reco.Scoring.Retrieval;

namespace Reco.Scoring.Hosting;

/// <summary><c>index --store=STORE --bundle=NAME[/VERSION] [--precision=PRECISION]</c>: builds the graph of a bundle's items and writes it
/// to the bundle, so that no service has to build it. Exit codes: 0 done, 1 the bundle cannot be used, 2 wrong usage.</summary>
internal static class IndexCommand
{
    /// <summary>The kind of index that it makes.</summary>
    public const string Kind = "hnsw";

    private const string Usage = "usage: index --store=STORE --bundle=NAME[/VERSION] [--precision=PRECISION]";

    /// <summary>Runs the command.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter output, TextWriter error)
    {
        var options = args.Select(arg => arg.Split('=', 2)).Where(pair => pair.Length == 2 && pair[1].Length > 0).ToLookup(pair => pair[0], pair => pair[1]);
        var known = new[] { "--store", "--bundle", "--precision" };
        if (options.Count != args.Count || options.Any(option => !known.Contains(option.Key)) || known[..2].Any(name => !options.Contains(name)))
        {
            await error.WriteLineAsync($"error: {Usage}").ConfigureAwait(false);
            return 2;
        }

        try
        {
            var folder = await ModelStore.FindAsync(options["--store"].Single(), options["--bundle"].Single(), CancellationToken.None).ConfigureAwait(false);
            var bundle = await BundleReader.OpenAsync(folder, CancellationToken.None).ConfigureAwait(false);
            var precision = options["--precision"].SingleOrDefault(bundle.Manifest.Precision);
            if (!bundle.Manifest.Variants.TryGetValue(precision, out var variant))
            {
                throw new BundleException($"{folder} has no variant {precision}; it has {string.Join(", ", bundle.Manifest.Variants.Keys)}.");
            }

            var start = Stopwatch.GetTimestamp();
            var matrix = bundle.ReadItemMatrix(precision);
            var index = new BundleIndex(Kind, variant.Items, $"{Path.GetFileNameWithoutExtension(variant.Items)}.{Kind}");
            await BundleIndexer.AddAsync(folder, index, stream => Write(stream, matrix), CancellationToken.None).ConfigureAwait(false);
            await output.WriteLineAsync(string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"{Path.Combine(folder, index.File)}: graph of {matrix.Items} items, {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s")).ConfigureAwait(false);
            return 0;
        }
        catch (Exception problem) when (problem is BundleException or IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync($"error: {problem.Message}").ConfigureAwait(false);
            return 1;
        }
    }

    private static void Write(Stream stream, ItemMatrix matrix)
    {
        if (matrix.Values is { } values)
        {
            HnswIndex<FloatRows>.Build(new FloatRows(values, matrix.Items, matrix.Dimension), CancellationToken.None).Write(stream);
        }
        else
        {
            HnswIndex<ByteRows>.Build(new ByteRows(matrix.Quantised!, matrix.Scales!, matrix.Items, matrix.Dimension), CancellationToken.None).Write(stream);
        }
    }
}
