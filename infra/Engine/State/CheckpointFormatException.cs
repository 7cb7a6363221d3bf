namespace Reco.Engine.State;

/// <summary>A checkpoint that cannot be read, with what is wrong with it.</summary>
internal sealed class CheckpointFormatException(string message, Exception? inner = null) : Exception(message, inner);
