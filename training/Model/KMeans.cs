using System.Numerics.Tensors;

namespace Reco.Training.Model;

/// <summary>Points in k groups: first centres by k-means++ (Arthur and Vassilvitskii 2007), then Lloyd's algorithm until no point changes
/// its group. The same groups for the same points and seed.</summary>
/// <param name="Width">Length of a point.</param>
/// <param name="Centres">Centres <c>[k, width]</c>: the means of their members.</param>
/// <param name="Groups">Group of each point: that of its nearest centre, of equally near ones the first.</param>
/// <param name="Errors">Sum of squared distances to the nearest centre before each step of the centres; it never rises.</param>
internal sealed record KMeans(int Width, float[] Centres, int[] Groups, IReadOnlyList<double> Errors)
{
    private const int MostRounds = 100;

    /// <summary>Number of groups: as many as were wanted, or as there are distinct points.</summary>
    public int Count => Centres.Length / Width;

    /// <summary>Groups points.</summary>
    /// <param name="points">Points <c>[n, width]</c>.</param>
    /// <param name="width">Length of a point.</param>
    /// <param name="k">Most groups.</param>
    /// <param name="seed">Seed of the first centres.</param>
    public static KMeans Fit(float[] points, int width, int k, int seed)
    {
        var count = points.Length / width;
        var centres = FirstCentres(points, width, k, new Random(seed));
        var (groups, errors) = (new int[count], new List<double>());
        for (var round = 0; round < MostRounds; round++)
        {
            var changed = false;
            var error = 0.0;
            for (var point = 0; point < count; point++)
            {
                var (nearest, distance) = Nearest(centres, points.AsSpan(point * width, width));
                changed |= round == 0 || groups[point] != nearest;
                groups[point] = nearest;
                error += distance;
            }

            errors.Add(error);
            if (!changed)
            {
                break;
            }

            centres = Means(points, width, groups, centres);
        }

        // Where the rounds ran out, the centres have moved once more.
        for (var point = 0; point < count; point++)
        {
            groups[point] = Nearest(centres, points.AsSpan(point * width, width)).Group;
        }

        return new KMeans(width, centres, groups, errors);
    }

    /// <summary>The group of a point.</summary>
    public int Of(ReadOnlySpan<float> point) => Nearest(Centres, point).Group;

    /// <summary>Squared distance of a point to the centre of a group.</summary>
    public double Distance(int group, ReadOnlySpan<float> point) => Squared(Centres.AsSpan(group * Width, Width), point);

    /// <summary>Each centre is a point, drawn by its squared distance to the centres before it.</summary>
    private static float[] FirstCentres(float[] points, int width, int k, Random random)
    {
        var count = points.Length / width;
        var centres = new List<float>();
        var distances = new double[count];
        Array.Fill(distances, 1);
        while (centres.Count < k * width && distances.Sum() is > 0 and var sum)
        {
            var (place, left) = (-1, random.NextDouble() * sum);
            for (var point = 0; point < count && left >= 0; point++)
            {
                if (distances[point] > 0)
                {
                    (place, left) = (point, left - distances[point]);
                }
            }

            var chosen = points.AsSpan(place * width, width);
            var first = centres.Count == 0;
            centres.AddRange(chosen);
            for (var point = 0; point < count; point++)
            {
                var distance = Squared(chosen, points.AsSpan(point * width, width));
                distances[point] = first ? distance : Math.Min(distances[point], distance);
            }
        }

        return [.. centres];
    }

    /// <summary>Means of the members; a centre without any stays where it is, which costs nothing.</summary>
    private static float[] Means(float[] points, int width, int[] groups, float[] centres)
    {
        var (sums, members) = (new double[centres.Length], new int[centres.Length / width]);
        for (var point = 0; point < groups.Length; point++)
        {
            members[groups[point]]++;
            for (var c = 0; c < width; c++)
            {
                sums[(groups[point] * width) + c] += points[(point * width) + c];
            }
        }

        return [.. sums.Select((sum, place) => members[place / width] == 0 ? centres[place] : (float)(sum / members[place / width]))];
    }

    private static (int Group, double Distance) Nearest(float[] centres, ReadOnlySpan<float> point)
    {
        var best = (Group: 0, Distance: double.PositiveInfinity);
        for (var group = 0; group < centres.Length / point.Length; group++)
        {
            var distance = Squared(centres.AsSpan(group * point.Length, point.Length), point);
            best = distance < best.Distance ? (group, distance) : best;
        }

        return best;
    }

    private static double Squared(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        var distance = TensorPrimitives.Distance(left, right);
        return (double)distance * distance;
    }
}
