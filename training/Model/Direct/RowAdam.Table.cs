using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Reco.Training.Model.Direct;

/// <content>The tables.</content>
internal sealed partial class RowAdam
{
    /// <summary>A parameter with its moments.</summary>
    internal sealed class Table : IDisposable
    {
        /// <summary>Starts with moments of zero.</summary>
        public Table(Tensor parameter)
        {
            Weights = new Block(parameter);
            using var off = no_grad();
            Moments = new Block(zeros(Weights.Rows, 2 * Weights.Width).DetachFromDisposeScope());
            Last = new int[Weights.Rows];
            All = [.. Enumerable.Range(0, Last.Length)];
        }

        /// <summary>The parameter.</summary>
        public Block Weights { get; }

        /// <summary>First and second moments of a row, one behind the other: what is used together lies together.</summary>
        public Block Moments { get; }

        /// <summary>The step that each row is up to.</summary>
        public int[] Last { get; }

        /// <summary>All rows.</summary>
        public int[] All { get; }

        /// <summary>First moments of a row.</summary>
        public Span<float> First(long row) => Moments.Part(row, 0, Weights.Width);

        /// <summary>Second moments of a row.</summary>
        public Span<float> Second(long row) => Moments.Part(row, Weights.Width, Weights.Width);

        /// <inheritdoc/>
        public void Dispose() => Moments.Values.Dispose();
    }
}
