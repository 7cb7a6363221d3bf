using System.Runtime.InteropServices;
using Reco.Training.Model;
using Reco.Training.Ranking;

namespace Reco.Training.Checkpoints;

/// <summary>Trained weights on disk, as plain little-endian arrays behind a format number. A file is complete or absent: it is
/// written beside its place and renamed.</summary>
internal static class WeightFile
{
    private const int Format = 3;

    /// <summary>Writes towers.</summary>
    public static void Write(string path, TowerWeights weights) => Write(path, writer =>
    {
        var shape = weights.Shape;
        foreach (var size in new[] { shape.Users, shape.Items, shape.FeatureValues, shape.History, shape.Dimension })
        {
            writer.Write(size);
        }

        writer.Write(weights.BiasWeight);
        foreach (var array in new[] { weights.Items, weights.HistoryItems, weights.ItemBias, weights.Users, weights.History, weights.Recency, weights.Top?.Hidden ?? [], weights.Top?.Bias ?? [], weights.Top?.Output ?? [] })
        {
            Write<float>(writer, array);
        }
    });

    /// <summary>Reads towers; null where the file is not there.</summary>
    public static TowerWeights? ReadTowers(string path) => Read(path, reader => new TowerWeights
    {
        Shape = new TwoTowerShape(reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32()),
        BiasWeight = reader.ReadSingle(),
        Items = Read<float>(reader),
        HistoryItems = Read<float>(reader),
        ItemBias = Read<float>(reader),
        Users = Read<float>(reader),
        History = Read<float>(reader),
        Recency = Read<float>(reader),
        Top = ReadTop(reader),
    });

    private static TopWeights? ReadTop(BinaryReader reader)
    {
        var top = new TopWeights(Read<float>(reader), Read<float>(reader), Read<float>(reader));
        return top.Units == 0 ? null : top;
    }

    /// <summary>Writes a ranker.</summary>
    public static void Write(string path, RankerWeights ranker) => Write(path, writer =>
    {
        var features = ranker.Features;
        writer.Write(features.Items);
        writer.Write(features.Columns);
        Write<int>(writer, features.Categories);
        foreach (var array in new[] { features.Static, features.Latest, features.Decay })
        {
            Write<float>(writer, array);
        }

        writer.Write(ranker.Head is TreeHead);
        if (ranker.Head is TreeHead trees)
        {
            foreach (var array in new[] { trees.Roots, trees.Feature, trees.Left, trees.Right })
            {
                Write<int>(writer, array);
            }

            Write<float>(writer, trees.Value);
            return;
        }

        var network = (NetworkHead)ranker.Head;
        foreach (var array in new[] { network.Hidden, network.HiddenBias, network.Output })
        {
            Write<float>(writer, array);
        }
    });

    /// <summary>Reads a ranker; null where the file is not there.</summary>
    public static RankerWeights? ReadRanker(string path) => Read(path, reader =>
    {
        var features = new RankerFeatures
        {
            Items = reader.ReadInt32(),
            Columns = reader.ReadInt32(),
            Categories = Read<int>(reader),
            Static = Read<float>(reader),
            Latest = Read<float>(reader),
            Decay = Read<float>(reader),
        };
        if (!reader.ReadBoolean())
        {
            return new RankerWeights(features, new NetworkHead(Read<float>(reader), Read<float>(reader), Read<float>(reader)));
        }

        var (roots, feature, left, right) = (Read<int>(reader), Read<int>(reader), Read<int>(reader), Read<int>(reader));
        return new RankerWeights(features, new TreeHead(roots, feature, Read<float>(reader), left, right));
    });

    private static void Write(string path, Action<BinaryWriter> content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var unfinished = $"{path}.tmp";
        using (var writer = new BinaryWriter(File.Create(unfinished)))
        {
            writer.Write(Format);
            content(writer);
        }

        File.Move(unfinished, path, overwrite: true);
    }

    private static T? Read<T>(string path, Func<BinaryReader, T> content)
        where T : class
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using var reader = new BinaryReader(File.OpenRead(path));
        try
        {
            return reader.ReadInt32() == Format ? content(reader) : throw new TrainingException($"{path} is of another format; delete it and run again.");
        }
        catch (EndOfStreamException error)
        {
            throw new TrainingException($"{path} is cut short; delete it and run again.", error);
        }
    }

    private static void Write<T>(BinaryWriter writer, T[] array)
        where T : unmanaged
    {
        writer.Write(array.Length);
        writer.Write(MemoryMarshal.AsBytes(array.AsSpan()));
    }

    private static T[] Read<T>(BinaryReader reader)
        where T : unmanaged
    {
        var array = new T[reader.ReadInt32()];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(array.AsSpan()));
        return array;
    }
}
