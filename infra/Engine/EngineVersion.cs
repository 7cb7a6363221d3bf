namespace Reco.Engine;

/// <summary>What this engine says of itself.</summary>
internal static class EngineVersion
{
    /// <summary>Version of the Pulumi engine whose behaviour and formats this one has.</summary>
    public const string Pulumi = "3.248.0";

    /// <summary>Version of this engine.</summary>
    public static string Reco => typeof(EngineVersion).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}
