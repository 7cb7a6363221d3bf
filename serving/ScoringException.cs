namespace Reco.Scoring;

/// <summary>The service cannot start or a model cannot be served; the message says why and what to do.</summary>
internal sealed class ScoringException(string message, Exception? inner = null) : Exception(message, inner);
