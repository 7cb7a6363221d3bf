using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Reco.Engine.State;

/// <summary>Pulumi's passphrase secrets provider: a key by PBKDF2 (SHA-256, 1,000,000 rounds), values by AES-256-GCM as
/// <c>v1:NONCE:CIPHERTEXT</c>, and a salt text <c>v1:SALT:PROOF</c> whose proof is the word "pulumi", encrypted.</summary>
internal sealed class PassphraseSecrets : ISecretsManager, IDisposable
{
    private const string Proof = "pulumi";
    private const int SaltBytes = 8;
    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int Rounds = 1_000_000;
    private static readonly ConcurrentDictionary<(string Passphrase, string Salt), Lazy<byte[]>> Keys = new();
    private readonly Lazy<byte[]> key;
    private readonly Lazy<AesGcm> cipher;
    private readonly Lazy<string> saltText;
    private readonly Lock gate = new();
    private readonly ConcurrentDictionary<string, string> known = new(StringComparer.Ordinal);

    private PassphraseSecrets(Lazy<byte[]> key, Lazy<string> saltText)
    {
        this.key = key;
        this.saltText = saltText;
        cipher = new Lazy<AesGcm>(() => new AesGcm(key.Value, TagBytes));
        Checked = Task.CompletedTask;
    }

    /// <summary>The salt text, as <c>encryptionsalt</c> of Pulumi.STACK.yaml holds it.</summary>
    public string Salt => saltText.Value;

    /// <inheritdoc/>
    public string Type => "passphrase";

    /// <inheritdoc/>
    public string StateJson => new JsonObject { ["salt"] = Salt }.ToJsonString();

    /// <summary>Completes when it is known that the passphrase is the one; fails with an <see cref="EngineException"/> where it
    /// is not.</summary>
    public Task Checked { get; private init; }

    /// <summary>A new provider with a fresh salt, whose key is derived where something is encrypted or the salt text is asked for:
    /// a preview of a new stack does neither.</summary>
    /// <param name="passphrase">The passphrase.</param>
    /// <param name="soon">Whether that will be so: the key is derived on a thread of its own meanwhile.</param>
    public static PassphraseSecrets Create(string passphrase, bool soon = false)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var key = new Lazy<byte[]>(() => Derive(passphrase, salt));
        if (soon)
        {
            Alone(() => key.Value);
        }

        return new PassphraseSecrets(key, new Lazy<string>(() =>
        {
            using var first = new PassphraseSecrets(key, new Lazy<string>(""));
            return $"v1:{Convert.ToBase64String(salt)}:{first.Seal(Proof)}";
        }));
    }

    /// <summary>The provider of a salt text.</summary>
    /// <exception cref="EngineException">The passphrase is not the one, or the salt text is malformed.</exception>
    public static PassphraseSecrets Open(string passphrase, string saltText)
    {
        var manager = Begin(passphrase, saltText);
        try
        {
            manager.Check();
            return manager;
        }
        catch
        {
            manager.Dispose();
            throw;
        }
    }

    /// <summary>The provider of a salt text, whose key is derived on a thread of its own. Whether the passphrase is the one
    /// shows in <see cref="Checked"/>, and where something is encrypted or decrypted.</summary>
    /// <exception cref="EngineException">The salt text is malformed.</exception>
    public static PassphraseSecrets Begin(string passphrase, string saltText)
    {
        if (saltText.Split(':', 3) is not ["v1", var encoded, var proof] || !TryDecode(encoded, out var salt))
        {
            throw new EngineException($"the encryption salt '{saltText}' is malformed; it should be v1:SALT:PROOF, as 'encryptionsalt' of the stack's configuration file has it", 1);
        }

        var key = new Lazy<byte[]>(() => Proven(Derive(passphrase, salt), proof));
        return new PassphraseSecrets(key, new Lazy<string>(saltText)) { Checked = Alone(() => key.Value) };
    }

    /// <summary>Makes sure that the passphrase is the one, which takes as long as the key's derivation.</summary>
    /// <exception cref="EngineException">It is not.</exception>
    public void Check() => _ = key.Value;

    /// <summary>Salt text in the state of a checkpoint's secrets provider; null where it has none.</summary>
    public static string? SaltOf(string stateJson)
    {
        try
        {
            return JsonNode.Parse(stateJson)?["salt"]?.GetValue<string>();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    /// <remarks>The same text keeps its ciphertext within a run, so that an unchanged secret does not change the state.</remarks>
    public string Encrypt(string plaintext) => known.GetOrAdd(plaintext, Seal);

    /// <inheritdoc/>
    public string Decrypt(string ciphertext)
    {
        var text = TryOpen(ciphertext) ?? throw new EngineException("a secret of the stack cannot be decrypted: it was encrypted with another passphrase, or is damaged", 1);
        known.TryAdd(text, ciphertext);
        return text;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (cipher.IsValueCreated)
        {
            cipher.Value.Dispose();
        }
    }

    private static byte[] Proven(byte[] key, string proof)
    {
        using var manager = new PassphraseSecrets(new Lazy<byte[]>(key), new Lazy<string>(""));
        return manager.TryOpen(proof) == Proof
            ? key
            : throw new EngineException("incorrect passphrase: set PULUMI_CONFIG_PASSPHRASE (or PULUMI_CONFIG_PASSPHRASE_FILE) to the one that the stack's secrets were encrypted with", 1);
    }

    // Half a second by design: once a process for each passphrase and salt.
    private static byte[] Derive(string passphrase, byte[] salt) => Keys.GetOrAdd(
        (passphrase, Convert.ToBase64String(salt)), _ => new Lazy<byte[]>(() => Rfc2898DeriveBytes.Pbkdf2(passphrase, salt, Rounds, HashAlgorithmName.SHA256, KeyBytes))).Value;

    private static Task Alone(Func<byte[]> derive) => Task.Factory.StartNew(derive, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static bool TryDecode(string text, out byte[] bytes)
    {
        bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var written))
        {
            return false;
        }

        Array.Resize(ref bytes, written);
        return true;
    }

    private string Seal(string plaintext)
    {
        var nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        var clear = Encoding.UTF8.GetBytes(plaintext);
        var result = new byte[clear.Length + TagBytes];
        lock (gate)
        {
            cipher.Value.Encrypt(nonce, clear, result.AsSpan(0, clear.Length), result.AsSpan(clear.Length));
        }

        return $"v1:{Convert.ToBase64String(nonce)}:{Convert.ToBase64String(result)}";
    }

    private string? TryOpen(string ciphertext)
    {
        if (ciphertext.Split(':') is not ["v1", var first, var second] || !TryDecode(first, out var nonce) || !TryDecode(second, out var data)
            || nonce.Length != NonceBytes || data.Length < TagBytes)
        {
            return null;
        }

        var clear = new byte[data.Length - TagBytes];
        try
        {
            lock (gate)
            {
                cipher.Value.Decrypt(nonce, data.AsSpan(0, clear.Length), data.AsSpan(clear.Length), clear);
            }

            return Encoding.UTF8.GetString(clear);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
