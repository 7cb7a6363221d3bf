using static TorchSharp.torch;

namespace Reco.Training.Model;

/// <summary>A hidden layer at the top of a tower, around which its input passes: x + relu(xA + b)C. C starts at zero, so that the layer
/// starts as if it were not there.</summary>
internal sealed class TowerTop : nn.Module<Tensor, Tensor>
{
    private readonly TorchSharp.Modules.Parameter hidden;
    private readonly TorchSharp.Modules.Parameter bias;
    private readonly TorchSharp.Modules.Parameter output;

    /// <summary>Makes a layer.</summary>
    /// <param name="width">Length of input and output.</param>
    /// <param name="units">Hidden units.</param>
    public TowerTop(int width, int units)
        : base(nameof(TowerTop))
    {
        hidden = nn.Parameter(randn(width, units).div(Math.Sqrt(width)));
        bias = nn.Parameter(zeros(units));
        output = nn.Parameter(zeros(units, width));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => input.add(input.matmul(hidden).add(bias).relu().matmul(output));

    /// <summary>Takes the weights out for packaging.</summary>
    public TopWeights Export() => new(Values(hidden), Values(bias), Values(output));

    /// <summary>Puts exported weights in.</summary>
    public void Load(TopWeights weights)
    {
        using var off = no_grad();
        foreach (var (parameter, values) in new[] { (hidden, weights.Hidden), (bias, weights.Bias), (output, weights.Output) })
        {
            using var source = tensor(values, parameter.shape);
            parameter.copy_(source);
        }
    }

    private static float[] Values(Tensor tensor) => tensor.cpu().contiguous().data<float>().ToArray();
}
