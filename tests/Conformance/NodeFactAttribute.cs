namespace Reco.Conformance;

/// <summary>A test that needs the official Node SDKs; skipped, with the reason, where they are not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NodeFactAttribute : FactAttribute
{
    public NodeFactAttribute()
    {
        if (!Directory.Exists(Path.Combine(Repository.NodeModules, "@pulumi", "pulumi")))
        {
            Skip = "the official Node SDKs are not installed: run npm ci --ignore-scripts in tests/Conformance (./test does)";
        }
    }
}
