import torch
import torch.nn.functional as F


def train(actor, critic, replay, gamma=0.99):
    actor_optimizer = torch.optim.Adam(actor.parameters(), lr=1e-4)
    critic_optimizer = torch.optim.Adam(critic.parameters(), lr=1e-3)
    for s, a, r, s2, done in replay:
        with torch.no_grad():
            target = r + gamma * (1 - done) * critic(s2, actor(s2))
        critic_loss = F.mse_loss(critic(s, a), target)
        critic_optimizer.zero_grad()
        critic_loss.backward()
        critic_optimizer.step()

        actor_loss = -critic(s, actor(s)).mean()
        actor_optimizer.zero_grad()
        actor_optimizer.step()
        actor_loss.backward()
