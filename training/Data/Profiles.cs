namespace Reco.Training.Data;

/// <summary>Users by what they buy, made when they are asked for: square roots of shares, so that one large share does not hide the others,
/// less those of everybody, and of length 1.</summary>
/// <param name="histories">What they bought.</param>
/// <param name="dimensions">Dimension of each item; -1 for none.</param>
/// <param name="usual">Roots of everybody's shares.</param>
internal sealed class Profiles(Histories histories, int[] dimensions, double[] usual)
{
    /// <summary>Whether enough is known of a user, who is not exactly as everybody is.</summary>
    public bool Has(int user) => Make(user) is { Norm: > 0 };

    /// <summary>Profiles of users who have one <c>[users, dimensions]</c>.</summary>
    public float[] Of(ReadOnlySpan<int> users)
    {
        var profiles = new float[users.Length * usual.Length];
        for (var row = 0; row < users.Length; row++)
        {
            var (profile, norm) = Make(users[row])!.Value;
            for (var place = 0; place < profile.Length; place++)
            {
                profiles[(row * usual.Length) + place] = (float)(profile[place] / norm);
            }
        }

        return profiles;
    }

    private (double[] Profile, double Norm)? Make(int user)
    {
        var (counts, sum) = (new double[usual.Length], 0);
        foreach (var item in histories.Of(user))
        {
            if (dimensions[item] >= 0)
            {
                counts[dimensions[item]]++;
                sum++;
            }
        }

        if (sum < UserGroups.LeastPurchases)
        {
            return null;
        }

        var squares = 0.0;
        for (var place = 0; place < counts.Length; place++)
        {
            counts[place] = Math.Sqrt(counts[place] / sum) - usual[place];
            squares += counts[place] * counts[place];
        }

        return (counts, Math.Sqrt(squares));
    }
}
