using System.Globalization;

namespace Reco.Training.Model;

/// <summary>A fit goes in turns, after each of which it is judged and saved: a turn is an epoch, or an equal part of one where the log is so
/// long that an epoch more or less is a large step.</summary>
/// <param name="Parts">Turns of an epoch.</param>
internal sealed record Turns(int Parts)
{
    /// <summary>Most interactions of the whole log in a turn: a minute or two of work.</summary>
    public const int MostInteractions = 4_000_000;

    /// <summary>A turn is an epoch.</summary>
    public static Turns Whole { get; } = new(1);

    /// <summary>Turns for a log. By the whole log, so that a turn is the same part of an epoch with and without the validation period.</summary>
    public static Turns Of(long interactions) => new((int)Math.Max(1, (interactions + MostInteractions - 1) / MostInteractions));

    /// <summary>Epoch that a turn belongs to; both count from 1.</summary>
    public int Epoch(int turn) => ((turn - 1) / Parts) + 1;

    /// <summary>The turn's part of the shuffled interactions: the first one's place and the one behind the last.</summary>
    public (int Start, int End) Part(int turn, int interactions)
    {
        var part = (turn - 1) % Parts;
        return ((int)((long)interactions * part / Parts), (int)((long)interactions * (part + 1) / Parts));
    }

    /// <summary>What is random in a turn beside the order: the epoch's own numbers go on in its first turn, another seed's begin in the others.</summary>
    public Random After(Random epoch, int seed, int turn) =>
        (turn - 1) % Parts == 0 ? epoch : new Random(unchecked((seed * 10_007) + (turn * 7_919) + 1));

    /// <summary>Turns in epochs, for readers.</summary>
    public string InEpochs(int turns) => Parts == 1 ? $"{turns}" : (turns / (double)Parts).ToString("F2", CultureInfo.InvariantCulture);
}
