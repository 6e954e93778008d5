//! The calls about networks, and about who is found in them.

use hyper::Method;

use super::{Client, LOCAL, REMOTE, remote_limit, target::Target, transport::Body};
use crate::api::{
    CreateRequest, Error, FindQuery, Found, Home, ImportRequest, Invite, InviteItem, InviteRequest,
    JoinRequest, LeaveQuery, Me, Member, Network, PassphraseRequest, ProfileRequest, SealedAuthority,
    WhoRequest,
};

impl Client {
    /// In which network this agent is.
    pub async fn network(&self) -> Result<Home, Error> {
        self.get(Target::new(["network"])).await
    }

    /// Founds a network, with this agent as its authority and first member.
    pub async fn create_network(&self, request: &CreateRequest) -> Result<Network, Error> {
        self.call(Method::POST, Target::new(["network"]), Body::json(request)?, LOCAL).await
    }

    /// Leaves the network, and returns how it was.
    pub async fn leave_network(&self, query: &LeaveQuery) -> Result<Network, Error> {
        let target = Target::new(["network"]).query(query)?;
        self.call(Method::DELETE, target, Body::Empty, REMOTE).await
    }

    /// The members that are known here.
    pub async fn members(&self) -> Result<Vec<Member>, Error> {
        self.get(Target::new(["network", "members"])).await
    }

    /// Ends the membership of another, for good.
    pub async fn expel(&self, request: &WhoRequest) -> Result<Member, Error> {
        self.call(Method::POST, Target::new(["network", "expel"]), Body::json(request)?, LOCAL).await
    }

    /// Makes an invite.
    pub async fn invite(&self, request: &InviteRequest) -> Result<Invite, Error> {
        self.call(Method::POST, Target::new(["network", "invites"]), Body::json(request)?, LOCAL).await
    }

    /// The invites of this agent, without their secrets.
    pub async fn invites(&self) -> Result<Vec<InviteItem>, Error> {
        self.get(Target::new(["network", "invites"])).await
    }

    /// Takes an invite back.
    pub async fn withdraw_invite(&self, id: &str) -> Result<(), Error> {
        self.call(Method::DELETE, Target::new(["network", "invites", id]), Body::Empty, LOCAL).await
    }

    /// Joins a network by an invite, and waits until this agent is a member.
    pub async fn join(&self, request: &JoinRequest) -> Result<Network, Error> {
        let limit = remote_limit(request.timeout_ms);
        self.call(Method::POST, Target::new(["network", "join"]), Body::json(request)?, limit).await
    }

    /// The key of the network's authority, sealed with a passphrase; that takes a second or more.
    pub async fn export_authority(&self, request: &PassphraseRequest) -> Result<SealedAuthority, Error> {
        self.call(Method::POST, Target::new(["network", "export"]), Body::json(request)?, REMOTE).await
    }

    /// Takes in the key of the network's authority that another home has exported.
    pub async fn import_authority(&self, request: &ImportRequest) -> Result<Network, Error> {
        self.call(Method::POST, Target::new(["network", "import"]), Body::json(request)?, REMOTE).await
    }

    /// Looks for one agent, or for all that say they can do something.
    pub async fn find(&self, query: &FindQuery) -> Result<Vec<Found>, Error> {
        let target = Target::new(["find"]).query(query)?;
        self.call(Method::GET, target, Body::Empty, remote_limit(query.timeout_ms)).await
    }

    /// Changes what others find of this agent.
    pub async fn set_profile(&self, request: &ProfileRequest) -> Result<Me, Error> {
        self.call(Method::PATCH, Target::new(["me"]), Body::json(request)?, LOCAL).await
    }
}
