using Reco.Training.Data;
using Reco.Training.Model;

namespace Reco.Training.Evaluation;

/// <summary>EASE (Steck 2019) of full rank. Its diagonal is zero by construction, so that a repeat purchase would count for
/// nothing; where people buy again, <c>repeat</c> times log(1 + count) is added, as strong as validation says.</summary>
internal sealed class EaseRanker : IRanker
{
    private readonly PurchaseMatrix matrix;
    private readonly double[] inverse;
    private readonly double[] diagonal;
    private readonly bool ofUsers;
    private readonly Histories histories;
    private readonly float repeat;

    /// <summary>Solves the model.</summary>
    public EaseRanker(InteractionLog train, int users, int items, double lambda, float repeat = 0)
        : this(new PurchaseMatrix(train, users, items), train.Histories(users), lambda, repeat)
    {
    }

    private EaseRanker(PurchaseMatrix matrix, Histories histories, double lambda, float repeat)
    {
        this.matrix = matrix;
        this.histories = histories;
        this.repeat = repeat;
        using var solved = new GramInverse(matrix, lambda);
        inverse = solved.Inverse.data<double>().ToArray();
        diagonal = solved.Diagonal.data<double>().ToArray();
        ofUsers = solved.OfUsers;
    }

    private EaseRanker(EaseRanker solved, float repeat)
    {
        (matrix, histories, inverse, diagonal, ofUsers) = (solved.matrix, solved.histories, solved.inverse, solved.diagonal, solved.ofUsers);
        this.repeat = repeat;
    }

    /// <inheritdoc/>
    public string Name => "EASE";

    /// <inheritdoc/>
    public int Items => matrix.Items;

    /// <summary>Chooses regularisation and weight of repeats on held-out purchases.</summary>
    public static (double Lambda, float Repeat) Tune(InteractionLog train, IReadOnlyDictionary<int, int[]> held, int users, int items, double[] lambdas, float[] repeats)
    {
        var best = (Lambda: 0.0, Repeat: 0f, Ndcg: double.NegativeInfinity);
        foreach (var lambda in lambdas)
        {
            var solved = new EaseRanker(train, users, items, lambda);
            foreach (var repeat in repeats)
            {
                var ndcg = RankingMetrics.Evaluate(new EaseRanker(solved, repeat), held, [10]).Of("ndcg@10").Average();
                best = ndcg > best.Ndcg ? (lambda, repeat, ndcg) : best;
            }
        }

        return (best.Lambda, best.Repeat);
    }

    /// <inheritdoc/>
    public void Score(int user, Span<float> scores)
    {
        scores.Clear();

        // x_u P: with users inverted it is row u of the inverse times X, for (XX')(XX' + lambda I)^-1 = I - lambda (..)^-1.
        var image = new double[Items];
        if (ofUsers)
        {
            for (var other = 0; other < matrix.Users; other++)
            {
                var weight = inverse[((long)user * matrix.Users) + other];
                foreach (var item in matrix.Rows[other] ?? [])
                {
                    image[item] += weight;
                }
            }
        }
        else
        {
            foreach (var item in matrix.Rows[user] ?? [])
            {
                System.Numerics.Tensors.TensorPrimitives.Add(image, inverse.AsSpan(item * Items, Items), image);
            }
        }

        var known = matrix.Rows[user] ?? [];
        if (known.Length > 0)
        {
            for (var item = 0; item < Items; item++)
            {
                scores[item] = (float)(-image[item] / diagonal[item]);
            }

            foreach (var item in known)
            {
                scores[item] += 1;
            }

            if (repeat > 0)
            {
                foreach (var entry in histories.All(user).CountBy(item => item))
                {
                    scores[entry.Key] += repeat * MathF.Log(1 + entry.Value);
                }
            }
        }

        for (var item = 0; item < Items; item++)
        {
            scores[item] += 1e-6f * matrix.ItemCounts[item];
        }
    }
}
