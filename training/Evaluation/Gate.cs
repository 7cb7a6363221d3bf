using System.Globalization;

namespace Reco.Training.Evaluation;

/// <summary>Decides whether a model may be served.</summary>
internal static class Gate
{
    /// <summary>Users below which a bootstrap says nothing: of one user there is an interval without width.</summary>
    public const int LeastUsers = 30;

    /// <summary>Promotes a model that is better than popularity beyond doubt.</summary>
    /// <param name="model">nDCG@10 of the model, by user.</param>
    /// <param name="popularity">nDCG@10 of popularity, by the same users.</param>
    /// <param name="minLift">Least relative gain over popularity: 0.05 for 5 %.</param>
    public static GateVerdict Decide(double[] model, double[] popularity, double minLift)
    {
        var difference = Bootstrap.Difference(model, popularity);
        var lift = difference.Mean / Math.Max(1e-12, popularity.Average());
        var figures = string.Create(CultureInfo.InvariantCulture,
            $"nDCG@10 {model.Average():F4} against popularity's {popularity.Average():F4}: difference {difference.Mean:F4} [{difference.Low:F4}, {difference.High:F4}], gain {lift:P1}");
        if (model.Length < LeastUsers)
        {
            return new GateVerdict(false, $"{figures}; that is of {model.Length} users who bought something in the held-out period, and the gate wants at least {LeastUsers}. A longer --holdout-days has more; where a few events have a time far behind all others, rules.latest leaves them out");
        }

        if (difference.Low <= 0)
        {
            return new GateVerdict(false, $"{figures}; the interval of the difference is not above zero");
        }

        return lift < minLift
            ? new GateVerdict(false, string.Create(CultureInfo.InvariantCulture, $"{figures}; the gate wants a gain of at least {minLift:P1}"))
            : new GateVerdict(true, $"{figures}; the interval of the difference is above zero");
    }
}
