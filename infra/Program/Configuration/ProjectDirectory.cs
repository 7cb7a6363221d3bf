using Pulumi;

namespace Reco.Infra.Configuration;

/// <summary>Finds the folder of Pulumi.yaml: paths in the configuration are relative to it.</summary>
internal static class ProjectDirectory
{
    /// <summary>The folder that the engine names, else the nearest one above the working directory.</summary>
    /// <exception cref="RunException">There is no Pulumi.yaml.</exception>
    public static string Find()
    {
        if (Environment.GetEnvironmentVariable("PULUMI_ROOT_DIRECTORY") is { Length: > 0 } named && Directory.Exists(named))
        {
            return Path.GetFullPath(named);
        }

        for (var folder = new DirectoryInfo(Directory.GetCurrentDirectory()); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Pulumi.yaml")))
            {
                return folder.FullName;
            }
        }

        throw new RunException("There is no Pulumi.yaml in or above the working directory; run the command inside the project.");
    }
}
