using System.Security.Cryptography;
using System.Text;

namespace Reco.Infra.Configuration;

/// <summary>Digests a data folder, so that changed data shows in the diff of the training job and trains again.</summary>
internal static class DatasetDigest
{
    private const long HashedBytes = 256L << 20;

    /// <summary>First 16 hex digits of the SHA-256 over names, sizes and content of the folder's files. Files beyond the
    /// first 256 MiB count with name, size and time of change only: a preview must stay quick.</summary>
    public static string Compute(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var budget = HashedBytes;
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).OrderBy(file => file.FullName, StringComparer.Ordinal))
        {
            budget -= file.Length;
            hash.AppendData(Encoding.UTF8.GetBytes($"{Path.GetRelativePath(folder, file.FullName)}\0{file.Length}\0"));
            if (budget >= 0)
            {
                using var content = file.OpenRead();
                hash.AppendData(SHA256.HashData(content));
            }
            else
            {
                hash.AppendData(BitConverter.GetBytes(file.LastWriteTimeUtc.Ticks));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
