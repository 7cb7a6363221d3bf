using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Reco.Bundle;
using Reco.Bundle.Onnx;

namespace Reco.Scoring.Tests.Models;

/// <summary>What was packaged with a trained bundle against what the service makes of it.</summary>
[Collection(TrainedBundleTestGroup.Name)]
public sealed class ParityTests(TrainedBundle trained)
{
    private const string Load = "/v2/repository/models/two-tower/load";

    /// <summary>Every file is whole and has the right checksum; it is just not the one that goes with the others.</summary>
    [Theory]
    [InlineData("fp32", BundleFiles.Model, "embedding")]
    [InlineData("fp32", BundleFiles.ItemsFp32, "best")]
    [InlineData("fp16", BundleFiles.ItemsFp16, "best")]
    [InlineData("int8", BundleFiles.ModelInt8, "embedding")]
    [InlineData("fp32", BundleFiles.Ranker, "ranking")]
    public async Task Load_OtherFileThanWasPackaged_IsRefusedAndTheOldVersionServesOn(string precision, string file, string what)
    {
        await using var host = await trained.ServeAsync($"--Reco:Precision={precision}");
        var content = await trained.ReadAsync(file);
        var other = file.EndsWith(".onnx", StringComparison.Ordinal) ? Mixed(content) : Shift(content, content.Length / trained.Manifest.Items);
        var bad = await trained.PublishAsync(host.Store, new() { [file] = other });
        var error = await host.FailAsync(HttpStatusCode.BadRequest, Load, $$$"""{"parameters":{"version":"{{{bad.Version}}}"}}""");
        Assert.Contains(BundleFiles.Parity, error);
        Assert.Contains(bad.Version, error);
        Assert.Contains(what, error);
        Assert.Equal(trained.Manifest.Version, (string)(await host.GetAsync("/v1/recommend?user=1&k=1"))["version"]!);
    }

    [Fact]
    public async Task Load_WholeBundle_SaysWhatWasChecked()
    {
        await using var host = await trained.ServeAsync("--Reco:Precision=int8");
        using var log = host.Record();
        var same = await trained.PublishAsync(host.Store, [], manifest => manifest with { Name = "again" });
        await host.Registry.LoadAsync($"again/{same.Version}", CancellationToken.None);
        Assert.Contains(log.Lines, line => line.Level == LogLevel.Information && line.Message.Contains("int8: 8 packaged requests are answered", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Load_NothingToCompareWith_ServesAndSaysThatItIsUnchecked()
    {
        await using var host = await trained.ServeAsync();
        using var log = host.Record();
        var probe = JsonNode.Parse(await trained.ReadAsync(BundleFiles.Parity))!;
        probe["answers"] = new JsonObject();
        var without = new[]
        {
            await trained.PublishAsync(host.Store, new() { [BundleFiles.Parity] = JsonSerializer.SerializeToUtf8Bytes(probe) }),
            await trained.PublishAsync(host.Store, [], manifest => manifest with { Name = "older", Parity = null }),
        };
        foreach (var (manifest, reason) in without.Zip(["no answers of that precision", "has no parity.json"]))
        {
            await host.Registry.LoadAsync($"{manifest.Name}/{manifest.Version}", CancellationToken.None);
            Assert.Contains(log.Lines, line => line.Level == LogLevel.Warning && line.Message.Contains(reason, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("requests", "[]")]
    [InlineData("tolerance", "0")]
    [InlineData("requests", """[{"user":-1,"history":[]}]""")]
    [InlineData("answers", """{"fp32":[]}""")]
    [InlineData("answers", "null")]
    public async Task Load_ProbeThatDoesNotFit_IsRefusedWithAClearMessage(string member, string value)
    {
        await using var host = await trained.ServeAsync();
        var probe = JsonNode.Parse(await trained.ReadAsync(BundleFiles.Parity))!;
        probe[member] = JsonNode.Parse(value);
        var bad = await trained.PublishAsync(host.Store, new() { [BundleFiles.Parity] = JsonSerializer.SerializeToUtf8Bytes(probe) });
        Assert.Contains(BundleFiles.Parity, await host.FailAsync(HttpStatusCode.BadRequest, Load, $$$"""{"parameters":{"version":"{{{bad.Version}}}"}}"""));
    }

    /// <summary>A tower whose users have each other's rows, or a ranker whose hidden units have each other's weights.</summary>
    private static byte[] Mixed(byte[] onnx)
    {
        var model = ModelProto.Parser.ParseFrom(onnx);
        var table = model.Graph.Initializer.Where(tensor => tensor.Name == "output_weights" || tensor.Name.StartsWith("users", StringComparison.Ordinal)).MaxBy(tensor => tensor.RawData.Length)!;
        table.RawData = ByteString.CopyFrom(Shift(table.RawData.ToByteArray(), table.RawData.Length / (int)table.Dims[0]));
        return model.ToByteArray();
    }

    private static byte[] Shift(byte[] content, int bytes) => [.. content.AsSpan(bytes..), .. content.AsSpan(..bytes)];
}
