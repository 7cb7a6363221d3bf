using System.Text.Json;
using Pulumi;

namespace Reco.Infra.Configuration;

/// <summary>Names the images of target local: <c>reco.local/FOLDER:TAG</c>, the program that is built in FOLDER, where
/// TAG is the hash of its code. A changed program is a changed image, as with a digest.</summary>
internal static class LocalImages
{
    /// <summary>The image of a folder of the project, as its build wrote it down.</summary>
    /// <exception cref="RunException">The folder is not built.</exception>
    public static string Find(string projectRoot, string folder)
    {
        var file = Path.Combine(projectRoot, folder, "bin", "Release", "net10.0", "image.json");
        if (!File.Exists(file))
        {
            throw new RunException($"The {folder} program is not built: there is no {Path.GetRelativePath(projectRoot, file)}. "
                + "Build it with: dotnet build -c Release Reco.sln (./reco does it by itself).");
        }

        try
        {
            using var image = JsonDocument.Parse(File.ReadAllText(file));
            return $"reco.local/{image.RootElement.GetProperty("repository").GetString()}:{image.RootElement.GetProperty("tag").GetString()}";
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new RunException($"{Path.GetRelativePath(projectRoot, file)} is damaged ({error.Message}); rebuild with: dotnet build -c Release --no-incremental {folder}");
        }
    }
}
