using System.Text.Json;
using Reco.Bundle;
using Reco.Training.Model;

namespace Reco.Training.Checkpoints;

/// <summary>How far a fit has come.</summary>
/// <param name="Epoch">Turns that are done (<see cref="Turns"/>).</param>
/// <param name="Curve">One point each.</param>
/// <param name="BestEpoch">The best of them on the validation period; 0 in a fit without one.</param>
/// <param name="BestNdcg">Its nDCG@10.</param>
internal sealed record FitState(int Epoch, List<CurvePoint> Curve, int BestEpoch, double BestNdcg);

/// <summary>Checkpoints of one fit in a folder: the model, the optimiser's moments and <see cref="FitState"/> after each epoch. Only
/// whole checkpoints are ever seen: each is a folder that is renamed into its place, and the one before goes only then. What is
/// random in an epoch depends on seed and epoch alone, so that a fit that was killed anywhere and resumed is equal bit for bit to
/// one that was not (same machine, same number of threads).</summary>
internal sealed class Checkpoint(string folder)
{
    private const string Prefix = "epoch-";

    /// <summary>Where the best model so far lies.</summary>
    public string Best => Path.Combine(folder, "best.bin");

    /// <summary>Loads the latest checkpoint.</summary>
    /// <returns>Null where there is none: model and fit are untouched.</returns>
    public FitState? Resume(TwoTowerModel model, IFit fit)
    {
        var latest = Directory.Exists(folder) ? Saved().MaxBy(Epoch) : null;
        if (latest is null)
        {
            return null;
        }

        model.load(Path.Combine(latest, "model.bin"));
        fit.Load(Path.Combine(latest, "optimizer.bin"));
        return JsonSerializer.Deserialize<FitState>(File.ReadAllText(Path.Combine(latest, "state.json")), BundleFiles.JsonLine);
    }

    /// <summary>Saves a checkpoint.</summary>
    public void Save(TwoTowerModel model, IFit fit, FitState state)
    {
        var unfinished = Path.Combine(folder, "unfinished");
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        Directory.CreateDirectory(unfinished);
        model.save(Path.Combine(unfinished, "model.bin"));
        fit.Save(Path.Combine(unfinished, "optimizer.bin"));
        File.WriteAllText(Path.Combine(unfinished, "state.json"), JsonSerializer.Serialize(state, BundleFiles.JsonLine));
        var older = Saved().ToArray();
        Directory.Move(unfinished, Path.Combine(folder, $"{Prefix}{state.Epoch}"));
        foreach (var path in older)
        {
            Directory.Delete(path, recursive: true);
        }
    }

    private IEnumerable<string> Saved() => Directory.EnumerateDirectories(folder, $"{Prefix}*");

    private static int Epoch(string path) => int.Parse(Path.GetFileName(path)[Prefix.Length..], System.Globalization.CultureInfo.InvariantCulture);
}
