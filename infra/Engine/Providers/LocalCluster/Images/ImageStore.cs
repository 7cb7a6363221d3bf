using System.Text.Json;
using System.Text.Json.Nodes;
using Reco.LocalCluster.Kubelet;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Images;

/// <summary>An image that is ready to run.</summary>
/// <param name="Folder">Its files; null for one without.</param>
/// <param name="EntryPoint">What it runs where the container names no command.</param>
internal sealed record LocalImage(string? Folder, string[] EntryPoint);

/// <summary>Images of target local: <c>reco.local/FOLDER:TAG</c> is the program built in FOLDER of the project, copied here so
/// that a later build does not change what runs; <c>localhost/exec</c> is the machine's own programs.</summary>
internal sealed class ImageStore(string project, string folder)
{
    private const string Registry = "reco.local/";
    private const string Exec = "localhost/exec";
    private const long LinkedBytes = 4L << 20;
    private readonly Lock gate = new();

    /// <summary>Makes an image ready.</summary>
    /// <exception cref="PodFailure">There is no such image, or it is not what is built.</exception>
    public LocalImage Pull(string reference)
    {
        if (reference == Exec || reference.StartsWith(Exec + ":", StringComparison.Ordinal))
        {
            return new LocalImage(null, []);
        }

        if (!reference.StartsWith(Registry, StringComparison.Ordinal) || reference[Registry.Length..].Split(':') is not [var repository, var tag] || Unsafe(repository) || Unsafe(tag))
        {
            throw new PodFailure("ErrImagePull", $"image {reference} cannot be run here: the local cluster runs {Registry}FOLDER:TAG (a program of this project) and {Exec}");
        }

        lock (gate)
        {
            var place = Path.Combine(folder, $"{repository}@{tag}");
            if (!Directory.Exists(place))
            {
                Copy(repository, tag, reference, place);
            }

            return new LocalImage(place, EntryPoint(Path.Combine(place, "image.json"), reference));
        }
    }

    private void Copy(string repository, string tag, string reference, string place)
    {
        var built = Path.Combine(project, repository, "bin", "Release", "net10.0");
        var manifest = Path.Combine(built, "image.json");
        if (!File.Exists(manifest))
        {
            throw new PodFailure("ErrImagePull", $"image {reference} is not built: {Path.GetRelativePath(project, manifest)} is missing; run ./reco up again");
        }

        if (JsonNode.Parse(File.ReadAllText(manifest)).Text("tag") is var actual && actual != tag)
        {
            throw new PodFailure("ErrImagePull", $"image {reference} is not what is built (that is {repository}:{actual}); run ./reco up again");
        }

        var staging = $"{place}.new";
        if (Directory.Exists(staging))
        {
            Directory.Delete(staging, recursive: true);
        }

        foreach (var file in Directory.EnumerateFiles(built, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(staging, Path.GetRelativePath(built, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);

            // Large files are the natives of packages: a build replaces them by new files and never writes into them.
            if (new FileInfo(file).Length < LinkedBytes || !Native.TryLink(file, target))
            {
                File.Copy(file, target);
            }
        }

        Directory.Move(staging, place);
    }

    private static string[] EntryPoint(string manifest, string reference)
    {
        try
        {
            return [.. JsonNode.Parse(File.ReadAllText(manifest)).Texts("entrypoint")];
        }
        catch (Exception error) when (error is IOException or JsonException)
        {
            throw new PodFailure("ErrImagePull", $"image {reference} is damaged: {error.Message}");
        }
    }

    private static bool Unsafe(string part) => part.Length == 0 || part.Contains("..", StringComparison.Ordinal) || part.AsSpan().ContainsAny('/', '\\');
}
