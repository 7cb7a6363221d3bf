namespace Reco.Training.Ranking;

/// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019) on one array.</summary>
internal sealed class AdamW(int count)
{
    private const float LearningRate = 0.01f;
    private const float WeightDecay = 0.05f;
    private const float First = 0.9f;
    private const float Second = 0.999f;
    private const float Epsilon = 1e-8f;

    private readonly float[] mean = new float[count];
    private readonly float[] square = new float[count];
    private int steps;

    /// <summary>Moves parameters against their gradient.</summary>
    public void Step(float[] parameters, float[] gradient)
    {
        steps++;
        var (biasFirst, biasSecond) = (1 - MathF.Pow(First, steps), 1 - MathF.Pow(Second, steps));
        for (var k = 0; k < parameters.Length; k++)
        {
            mean[k] = (First * mean[k]) + ((1 - First) * gradient[k]);
            square[k] = (Second * square[k]) + ((1 - Second) * gradient[k] * gradient[k]);
            parameters[k] -= LearningRate * ((WeightDecay * parameters[k]) + (mean[k] / biasFirst / (MathF.Sqrt(square[k] / biasSecond) + Epsilon)));
        }
    }
}
