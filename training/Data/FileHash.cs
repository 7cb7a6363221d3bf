using System.Security.Cryptography;

namespace Reco.Training.Data;

/// <summary>SHA-256 of the files of a data set.</summary>
internal static class FileHash
{
    /// <summary>Hash of the files' hashes, in hex.</summary>
    public static async Task<string> OfAsync(string[] files, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
        {
            await using var stream = File.OpenRead(file);
            hash.AppendData(await SHA256.HashDataAsync(stream, cancellation).ConfigureAwait(false));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
