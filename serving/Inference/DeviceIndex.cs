using System.Numerics;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Reco.Bundle;
using Reco.Scoring.Configuration;
using Reco.Scoring.Retrieval;

namespace Reco.Scoring.Inference;

/// <summary>Exact search on the device that runs the models (<see cref="DeviceSearchGraph"/>): it finds a few items more than are wanted, and
/// those are scored again here, so that scores and their order are those of every other index. Filters by attribute hold inside the
/// search on the device; of the items that a caller excludes, as many more are found.</summary>
internal sealed class DeviceIndex : IItemIndex, IDisposable
{
    /// <summary>Items found beyond those that are wanted: sums are rounded otherwise on a device, so that neighbours may change places.</summary>
    private const int Slack = 16;

    /// <summary>Least number of places; more are rounded up to the next power of two, so that few sizes of buffers do: some are as long as
    /// the catalogue.</summary>
    private const int LeastPlaces = 64;

    private const int KeptPlaces = 1_024;

    private readonly IItemIndex exact;
    private readonly InferenceSession session;
    private readonly string provider;
    private readonly RunPool<SearchRun>[] runs;

    private DeviceIndex(IItemIndex exact, InferenceSession session, string provider)
    {
        (this.exact, this.session, this.provider) = (exact, session, provider);
        runs = [.. new[] { (1, 1), (Count, 1), (1, Count), (Count, Count) }.Select(shape => new RunPool<SearchRun>(
            places => new SearchRun(new BoundRun(session, provider), Dimension, shape.Item1, shape.Item2, places), KeptPlaces))];
    }

    /// <inheritdoc/>
    public string Kind => $"exact-{provider.Replace("ExecutionProvider", "", StringComparison.Ordinal).ToLowerInvariant()}";

    /// <inheritdoc/>
    public int Count => exact.Count;

    /// <inheritdoc/>
    public int Dimension => exact.Dimension;

    /// <inheritdoc/>
    public long Bytes => exact.Bytes + ((long)Count * Dimension * sizeof(float));

    /// <summary>Makes the index.</summary>
    /// <param name="matrix">The vectors.</param>
    /// <param name="options">Which device.</param>
    /// <param name="skipped">Told each provider that was passed over, and why.</param>
    /// <exception cref="BundleException">The vectors cannot be brought to the device.</exception>
    public static DeviceIndex Make(MatrixSource matrix, InferenceOptions options, Action<string, string> skipped)
    {
        // Verified here, before anything maps the file.
        var exact = ExactIndices.Wrap(matrix);
        var (session, provider) = ExecutionProviders.Create(ExecutionProviders.WithoutTensorRt(options), skipped);
        using (session)
        {
            BundleSession.FindTablesIn(session, matrix.Bundle.Folder);
            try
            {
                return new DeviceIndex(exact, new InferenceSession(DeviceSearchGraph.Build(matrix).ToByteArray(), session), provider);
            }
            catch (OnnxRuntimeException error)
            {
                throw new BundleException(
                    $"{matrix.Bundle.Find(matrix.File)} cannot be searched by {provider}: {error.Message} Where its memory is too small, set Retrieval:Index to exact.", error);
            }
        }
    }

    /// <inheritdoc/>
    public int Search(ReadOnlySpan<float> query, ItemFilter filter, Span<Hit> hits, float[]? weights = null)
    {
        if (filter.CountAllowed() is var allowed && filter.Allowed.Length > 0 && allowed <= hits.Length + LeastPlaces)
        {
            return exact.Search(query, filter, hits, weights);
        }

        var places = (int)Math.Min((uint)Count, BitOperations.RoundUpToPowerOf2((uint)Math.Max(LeastPlaces, hits.Length + filter.CountExcluded + Slack)));
        using var lease = runs[(weights is null ? 0 : 1) + (filter.Allowed.IsEmpty ? 0 : 2)].Rent(places);
        var run = lease.Run;
        run.Execute(query, filter.Allowed, weights);
        return Score(query, filter, hits, weights, run);
    }

    /// <inheritdoc/>
    public float Score(int item, ReadOnlySpan<float> query) => exact.Score(item, query);

    /// <inheritdoc/>
    public void CopyVector(int item, Span<float> vector) => exact.CopyVector(item, vector);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var pool in runs)
        {
            pool.Dispose();
        }

        session.Dispose();
    }

    private int Score(ReadOnlySpan<float> query, ItemFilter filter, Span<Hit> hits, float[]? weights, SearchRun run)
    {
        // What is not allowed comes last, with the score of nothing.
        var found = run.Found.AsSpan(0, run.Scores.AsSpan().IndexOf(float.NegativeInfinity) is var end and >= 0 ? end : run.Scores.Length);
        found.Sort();
        var best = new TopK(hits.Length);
        foreach (var item in found)
        {
            if (filter.Passes((int)item))
            {
                best.Add((int)item, exact.Score((int)item, query) * (weights?[item] ?? 1));
            }
        }

        return best.Finish(hits);
    }

    /// <summary>A search of one kind and size with its buffers.</summary>
    private sealed class SearchRun : IDisposable
    {
        private readonly BoundRun bound;
        private readonly float[] query;
        private readonly float[] factors;
        private readonly bool[] allowed;

        public SearchRun(BoundRun bound, int dimension, int factors, int allowed, int places)
        {
            this.bound = bound;
            query = bound.Input<float>(DeviceSearchGraph.Query, dimension, 1);
            this.factors = bound.Input<float>(DeviceSearchGraph.Factors, factors);
            this.allowed = bound.Input<bool>(DeviceSearchGraph.Allowed, allowed);
            bound.Input<long>(DeviceSearchGraph.Places, 1)[0] = places;
            Scores = bound.Output<float>(DeviceSearchGraph.Scores, places);
            Found = bound.Output<long>(DeviceSearchGraph.Found, places);
            (this.factors[0], this.allowed[0]) = (1, true);
        }

        public float[] Scores { get; }

        public long[] Found { get; }

        public void Execute(ReadOnlySpan<float> vector, ReadOnlySpan<ulong> bits, float[]? weights)
        {
            vector.CopyTo(query);
            weights?.CopyTo(factors, 0);
            for (var item = 0; item < (bits.IsEmpty ? 0 : allowed.Length); item++)
            {
                allowed[item] = (bits[item >> 6] & (1UL << item)) != 0;
            }

            bound.Run();
        }

        public void Dispose() => bound.Dispose();
    }
}
