using Pulumi;

namespace Reco.Infra.Components;

/// <summary>Passes on outputs of resources that a stack may do without.</summary>
internal static class OptionalOutputs
{
    /// <summary>The output as an argument, or no argument. The SDK's own conversion refuses an output that is null.</summary>
    public static Input<T>? OrNothing<T>(this Output<T>? output)
    {
        if (output is null)
        {
            return null;
        }

        return output;
    }
}
