namespace Reco.Training;

/// <summary>An error that a person is to read: what is wrong, where, and what to do.</summary>
internal sealed class TrainingException(string message, Exception? inner = null) : Exception(message, inner);
