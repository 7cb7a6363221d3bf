using System.ComponentModel;
using System.Diagnostics;
using Reco.Engine.State;

namespace Reco.Engine.Tests.State;

public sealed class PassphraseSecretsTests
{
    // Made by node's crypto from the format's description: PBKDF2-SHA256 with 1,000,000 rounds, AES-256-GCM, v1:NONCE:DATA.
    private const string Passphrase = "correct horse";
    private const string Salt = "v1:ABEiM0RVZnc=:v1:AAECAwQFBgcICQoL:zdkDVQn7X/ucxTO5Yj1CrfaW+MUQjQ==";
    private const string Sealed = "v1:CwoJCAcGBQQDAgEA:S/RCsgQb86dRIYd/9erqaJoLgIKbCIk+XOGQqXg/AIo=";

    private const string Script = """
        const crypto = require('crypto');
        const [verb, phrase, saltText, text] = process.argv.slice(1);
        const salt = Buffer.from(saltText.split(':')[1], 'base64');
        const key = crypto.pbkdf2Sync(phrase, salt, 1000000, 32, 'sha256');
        const open = sealed => {
          const [, nonce, data] = sealed.split(':').map(part => Buffer.from(part, 'base64'));
          const d = crypto.createDecipheriv('aes-256-gcm', key, nonce);
          d.setAuthTag(data.subarray(-16));
          return Buffer.concat([d.update(data.subarray(0, -16)), d.final()]).toString('utf8');
        };
        if (open(saltText.split(':').slice(2).join(':')) !== 'pulumi') throw new Error('the salt does not prove the passphrase');
        if (verb === 'open') process.stdout.write(open(text));
        else {
          const nonce = crypto.randomBytes(12), c = crypto.createCipheriv('aes-256-gcm', key, nonce);
          const data = Buffer.concat([c.update(text, 'utf8'), c.final(), c.getAuthTag()]);
          process.stdout.write(`v1:${nonce.toString('base64')}:${data.toString('base64')}`);
        }
        """;

    [Fact]
    public void Open_KnownVector_Decrypts()
    {
        using var secrets = PassphraseSecrets.Open(Passphrase, Salt);
        Assert.Equal("\"hush ✓ & <b>\"", secrets.Decrypt(Sealed));
    }

    [Theory]
    [InlineData("wrong", Salt, 1)]
    [InlineData(Passphrase, "v2:ABEiM0RVZnc=:x", 1)]
    [InlineData(Passphrase, "v1:not base 64:x", 1)]
    [InlineData(Passphrase, "", 1)]
    public void Open_WrongPassphraseOrSalt_IsRefused(string passphrase, string salt, int code)
    {
        var error = Assert.Throws<EngineException>(() => PassphraseSecrets.Open(passphrase, salt));
        Assert.Equal(code, error.ExitCode);
        Assert.DoesNotContain(passphrase, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decrypt_Tampered_IsRefused()
    {
        using var secrets = PassphraseSecrets.Open(Passphrase, Salt);
        var tampered = Sealed.Replace("S/RC", "T/RC", StringComparison.Ordinal);
        Assert.Throws<EngineException>(() => secrets.Decrypt(tampered));
        Assert.Throws<EngineException>(() => secrets.Decrypt("v1:AAAA:AAAA"));
        Assert.Throws<EngineException>(() => secrets.Decrypt(""));
    }

    [Fact]
    public async Task Encrypt_ReadByNode_AndBack()
    {
        const string Text = "{\"clef\":\"héhé — 日本\\n\"}";
        using var secrets = PassphraseSecrets.Create("p ä ss");
        if (await NodeAsync("open", "p ä ss", secrets.Salt, secrets.Encrypt(Text)) is not { } opened)
        {
            // Without node there is no second implementation here; the known vector remains.
            return;
        }

        Assert.Equal(Text, opened);
        Assert.Equal(Text, secrets.Decrypt((await NodeAsync("seal", "p ä ss", secrets.Salt, Text))!));
    }

    [Fact]
    public void Encrypt_SameText_KeepsItsCiphertext()
    {
        using var secrets = PassphraseSecrets.Open(Passphrase, Salt);
        var text = secrets.Decrypt(Sealed);
        Assert.Equal(Sealed, secrets.Encrypt(text));
        Assert.NotEqual(secrets.Encrypt("a"), secrets.Encrypt("b"));
    }

    private static async Task<string?> NodeAsync(params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("node", ["-e", Script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEndAsync();
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == 0, await error);
            return output;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
