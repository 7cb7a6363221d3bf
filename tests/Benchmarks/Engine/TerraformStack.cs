using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Reco.Benchmarks.Engine;

/// <summary>Terraform with its built-in <c>terraform_data</c> resources: no plugin process and no program beside it.</summary>
internal sealed class TerraformStack(int count) : IBenchmarkStack
{
    private readonly string root = Directory.CreateTempSubdirectory("terraform-benchmark-").FullName;

    /// <summary>Its version; null where it is not installed.</summary>
    public static async Task<string?> VersionAsync()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("terraform", ["version"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            return (await process.StandardOutput.ReadToEndAsync()).Split('\n')[0];
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    public async Task PrepareAsync()
    {
        Describe(0);
        await RunAsync("init", "-input=false");
    }

    public Task<Measurement> UpAsync(int size)
    {
        Describe(size);
        return RunAsync("apply", "-auto-approve", "-input=false", "-parallelism=16");
    }

    public Task<Measurement> PreviewAsync() => RunAsync("plan", "-input=false", "-parallelism=16");

    public Task<Measurement> DestroyAsync() => RunAsync("destroy", "-auto-approve", "-input=false", "-parallelism=16");

    public void Dispose() => Directory.Delete(root, recursive: true);

    private void Describe(int size)
    {
        var text = new StringBuilder();
        for (var index = 0; index < count; index++)
        {
            text.Append(CultureInfo.InvariantCulture, $"resource \"terraform_data\" \"item-{index}\" {{\n  input = {{ size = {(index == count - 1 ? size : 0)}, label = \"the item of number {index}\" }}\n");
            if (index % 10 != 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"  depends_on = [terraform_data.item-{index - (index % 10)}]\n");
            }

            text.Append("}\n");
        }

        File.WriteAllText(Path.Combine(root, "main.tf"), text.ToString());
    }

    private Task<Measurement> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("terraform", [.. arguments, "-no-color"]) { WorkingDirectory = root };
        start.Environment["TF_CLI_CONFIG_FILE"] = "/dev/null";
        start.Environment["CHECKPOINT_DISABLE"] = "1";
        return Measurement.OfAsync(start);
    }
}
