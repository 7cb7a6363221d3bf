using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Reco.Scoring.Models;

/// <summary>Splits users by a stable hash of their ID: the same user is always on the same side, on every replica, and a larger
/// share keeps those who were in a smaller one.</summary>
internal static class UserSplit
{
    /// <summary>Whether a user is in a share of all users.</summary>
    public static bool IsIn(string user, double share)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(user), hash);
        return BinaryPrimitives.ReadUInt32LittleEndian(hash) < share * (1L << 32);
    }
}
