using Microsoft.ML.OnnxRuntime;
using Reco.Bundle;
using Reco.Scoring.Inference;

namespace Reco.Scoring.Tests.Models;

public sealed class MappedModelTests : IDisposable
{
    private readonly string store = Directory.CreateTempSubdirectory("reco-scoring-").FullName;

    [Theory]
    [InlineData(BundleFiles.Model)]
    [InlineData(BundleFiles.ModelInt8)]
    public async Task Make_LargeTables_AreMappedAndTheModelComputesTheSame(string file)
    {
        var manifest = await BundleMaker.PublishAsync(store, 1, items: 4_000);
        var path = Path.Combine(store, "shop", manifest.Version, file);
        var model = MappedModel.Make(path, 32_000)!;
        Assert.InRange(model.Length, 1, new FileInfo(path).Length / 4);

        using var options = new SessionOptions();
        options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", Path.GetDirectoryName(path)!);
        using var mapped = new InferenceSession(model, options);
        using var whole = new InferenceSession(path);
        for (var user = 0L; user < 5; user++)
        {
            Assert.Equal(Run(whole, user), Run(mapped, user));
        }
    }

    [Fact]
    public async Task Make_NoLargeTable_LeavesTheModel()
    {
        var manifest = await BundleMaker.PublishAsync(store, 1);
        Assert.Null(MappedModel.Make(Path.Combine(store, "shop", manifest.Version, BundleFiles.Model), 1 << 20));
    }

    [Fact]
    public async Task Make_Torn_SaysSo()
    {
        var manifest = await BundleMaker.PublishAsync(store, 1);
        var bytes = await File.ReadAllBytesAsync(Path.Combine(store, "shop", manifest.Version, BundleFiles.Model));
        var path = Path.Combine(store, "torn.onnx");
        await File.WriteAllBytesAsync(path, bytes[..(bytes.Length / 2)]);
        Assert.Contains("torn.onnx is not a model", Assert.Throws<BundleException>(() => MappedModel.Make(path, 1_000)).Message);
    }

    public void Dispose() => Directory.Delete(store, recursive: true);

    private static float[] Run(InferenceSession session, long user)
    {
        long[] history = [.. Enumerable.Range(0, BundleMaker.History).Select(place => (user * 700) + place)];
        using var users = OrtValue.CreateTensorValueFromMemory(new[] { user }, [1]);
        using var histories = OrtValue.CreateTensorValueFromMemory(history, [1, BundleMaker.History]);
        using var run = new RunOptions();
        using var results = session.Run(run, ["user", "history"], [users, histories], ["embedding"]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
