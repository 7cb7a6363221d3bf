namespace Reco.Engine.State;

/// <summary>Encrypts secrets for the state and configuration of one stack.</summary>
public interface ISecretsManager
{
    /// <summary>Name in the checkpoint's <c>secrets_providers.type</c>, for example <c>passphrase</c>.</summary>
    string Type { get; }

    /// <summary>JSON text for the checkpoint's <c>secrets_providers.state</c>.</summary>
    string StateJson { get; }

    /// <summary>Encrypts plain text to the manager's text form.</summary>
    string Encrypt(string plaintext);

    /// <summary>Decrypts what <see cref="Encrypt"/> made; throws <see cref="EngineException"/> where it cannot.</summary>
    string Decrypt(string ciphertext);
}
