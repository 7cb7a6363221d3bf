namespace Reco.Bundle;

/// <summary>A bundle that cannot be used. The message names the file and says what is wrong with it.</summary>
public sealed class BundleException(string message, Exception? inner = null) : Exception(message, inner);
