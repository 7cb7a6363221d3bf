namespace Reco.LocalCluster.Api;

/// <summary>What the cluster says to a wish that it stops.</summary>
/// <param name="Stopping">Whether it does.</param>
/// <param name="Emptying">Whether all that is left is on its way out, so that asking again soon is worth it.</param>
internal readonly record struct ShutdownAnswer(bool Stopping, bool Emptying);
